"""What clients do: one module for each kind of crew."""
