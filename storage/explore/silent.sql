FROM silent_on($story)
