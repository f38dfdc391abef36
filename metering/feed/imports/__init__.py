"""Files of readings, taken so that an import that broke off goes on where it was."""
