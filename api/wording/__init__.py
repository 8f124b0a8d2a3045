"""What codes mean, in Japanese and English: catalogues as data, sentences made from them."""
