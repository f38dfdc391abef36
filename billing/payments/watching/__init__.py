"""Whether customers can pay online, as our calls to the providers show it: what arrears takes as an outage."""
