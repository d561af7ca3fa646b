"""Kabar's `scrapy …` commands, one a module: the module's name is the command's."""
