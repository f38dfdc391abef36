"""The field system's side: it fetches what is asked, says that it has it, and tells what became of it."""
