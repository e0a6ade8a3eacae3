"""The standardise stage in parts: delivered rows, their versions, and the values of the records they become."""
