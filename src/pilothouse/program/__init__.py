"""The Pulumi program: from the files of a project to the components of a platform."""


def run() -> None:
    """Create the platform of the engine's stack, and export its contract: the whole program.

    A project's program calls this and nothing else. Raises InvalidInput for wrong files.
    """
    import gc

    # The program ends in seconds; garbage collection took more than half of its time per resource.
    gc.disable()
    from pilothouse.program import engine_stack

    engine_stack.create()
