"""nbgrader's configuration of this course: `nbgrader` and formgrader read it."""

c = get_config()  # noqa: F821 (traitlets defines it)

c.CourseDirectory.course_id = "cnncourse"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "labs"
# The text sources, known mistakes and right answers never leave the instructor.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "*.py",
]
