"""Ways to change a picture and keep what it shows."""
