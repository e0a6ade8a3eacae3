"""What a data scientist asks of a run: how good it is, what its model says, whether labels make it better."""
