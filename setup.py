"""What setup.cfg cannot say: templates/ is gridapp/templates in the wheel, and translations are compiled on the way."""

import runpy
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent


class BuildWithTranslations(build_py):
    """Compiles the `.po` files before their `.mo` are collected."""

    def run(self) -> None:
        """Compiles, then builds."""
        runpy.run_path(str(HERE / "scripts" / "translations.py"))["compile_all"](HERE / "gridapp" / "translations")
        self.__dict__.pop("data_files", None)  # collected before the compiling
        super().run()


setup(
    packages=[*find_packages(include=["gridapp*", "geodata*", "mobile_api*"]), "gridapp.templates"],
    package_dir={"gridapp.templates": "templates"},
    cmdclass={"build_py": BuildWithTranslations},
)
