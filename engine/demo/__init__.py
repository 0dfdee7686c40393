"""The dealership that `regelwerk demo` writes, imports and runs through three weeks."""
