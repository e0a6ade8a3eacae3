"""The KPIs of a run: traits of profiles, marts and segments, from the events and golden profiles of the run."""
