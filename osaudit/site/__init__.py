"""The leaderboard: a sweep's store as a site of static files. A store in, files out; nothing is judged anew."""
