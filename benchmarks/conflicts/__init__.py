"""The conflicts that osaudit finds in the recorded repositories, each judged by hand, false alarms counted too."""
