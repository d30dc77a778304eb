// Declared here as renameat(2) has it: <stdio.h> shows it to GNU sources only, and would bring types of its own along.
extern int renameat2(int directory, const char *path, int other_directory, const char *name, unsigned int flags);

/// The current directory, AT_FDCWD; paths are absolute.
static const int lacuna_no_directory = -100;

/// Gives a file a name that no other file has; EEXIST where one has it, EINVAL where the file system cannot promise that.
static inline int lacuna_rename_to_free_name(const char *path, const char *name) {
    return renameat2(lacuna_no_directory, path, lacuna_no_directory, name, 1 /* RENAME_NOREPLACE */);
}

/// Swaps the names of two files; EINVAL where the file system cannot do that in one step.
static inline int lacuna_swap_names(const char *path, const char *name) {
    return renameat2(lacuna_no_directory, path, lacuna_no_directory, name, 2 /* RENAME_EXCHANGE */);
}
