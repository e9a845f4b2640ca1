"""How often osaudit's verdicts agree with human judges, facet by facet and source by source."""
