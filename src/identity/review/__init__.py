"""The stewards' web application: a layer over the published warehouse, the queue and the decision log."""
