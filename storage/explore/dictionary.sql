SELECT name, column_name, type, meaning FROM dictionary
