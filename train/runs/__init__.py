"""What every training leaves and shares: checkpoints, run folders, schedules."""
