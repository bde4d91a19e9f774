"""Why an answer is what it is: what emptied a query, and what a row or a fact rests on."""
