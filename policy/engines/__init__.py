"""The engines that evaluate the same Rego: embedded (regopy) and OPA, behind one interface."""
