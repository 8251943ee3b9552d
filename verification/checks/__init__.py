"""How bounds are checked: matching them with scenarios, the rungs that judge them, planted faults, enumeration and coverage."""
