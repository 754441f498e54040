"""What a message means: the pipeline of config.yml and what it is made of."""
