"""The legal file of an account in arrears as a paper to read: a PDF within its ZIP."""
