"""Training: devices, schedules, exact resume, measurement."""
