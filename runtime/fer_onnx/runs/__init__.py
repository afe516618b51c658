"""Runs over many pictures: what is read, who answers, and records that outlive the run."""
