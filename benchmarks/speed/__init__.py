"""What an answer costs: time, memory, disk."""
