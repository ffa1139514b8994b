"""Web pages for caseworkers and supervisors."""
