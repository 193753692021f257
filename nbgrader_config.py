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

# `nbgrader autograde` and formgrader's button grade as `autograder grade` does. These
# are names, not imports: when the autograder is missing, nbgrader stops. It would go
# on without a configuration that fails, and run submissions unprotected.
c.Autograde.exporter_class = "autograder.nbgrader_plugin.SubmissionExporter"
c.Autograde.pre_convert_hook = "autograder.nbgrader_plugin.register_lab"
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_plugin.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.nbgrader_plugin.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "autograder.nbgrader_plugin.HideTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
