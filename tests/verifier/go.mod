module sekisho.example/verifier

go 1.26.0

require golang.org/x/mod v0.24.0

require filippo.io/mldsa v1.0.0
