"""Commands that measure: each prints one table. Clone only; not in the wheel."""
