SELECT article_id, title, text FROM articles WHERE story_id = $story
