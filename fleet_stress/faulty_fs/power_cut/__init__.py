"""What a power cut loses: a model of durability without I/O, saved copies, and the loss itself. Imports shipped."""
