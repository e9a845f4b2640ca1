"""The conflicts that osaudit finds in the recorded repositories, each judged by a person, false alarms too."""
