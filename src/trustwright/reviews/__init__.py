"""Security reviews of vendors, the SOC report form, and the documents they rest on."""
