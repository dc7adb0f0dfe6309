"""What the commands print: certificates read aloud, formulas in the notation of their papers."""
