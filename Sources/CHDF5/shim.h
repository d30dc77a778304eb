#include <hdf5.h>
#include <sys/syscall.h>
#include <unistd.h>

// Macros with casts or library calls behind them, which Swift cannot import.
static inline hid_t lacuna_h5p_default(void) { return H5P_DEFAULT; }
static inline hid_t lacuna_h5p_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t lacuna_h5p_object_copy(void) { return H5P_OBJECT_COPY; }
static inline hid_t lacuna_h5s_all(void) { return H5S_ALL; }
static inline hid_t lacuna_h5e_default(void) { return H5E_DEFAULT; }
static inline hsize_t lacuna_h5s_unlimited(void) { return H5S_UNLIMITED; }
static inline unsigned lacuna_h5f_rdonly(void) { return H5F_ACC_RDONLY; }
static inline unsigned lacuna_h5f_rdwr(void) { return H5F_ACC_RDWR; }
static inline unsigned lacuna_h5f_trunc(void) { return H5F_ACC_TRUNC; }

static inline hid_t lacuna_h5t_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t lacuna_h5t_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t lacuna_h5t_int16(void) { return H5T_NATIVE_INT16; }
static inline hid_t lacuna_h5t_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t lacuna_h5t_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t lacuna_h5t_uint32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t lacuna_h5t_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t lacuna_h5t_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t lacuna_h5t_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t lacuna_h5t_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t lacuna_h5t_c_s1(void) { return H5T_C_S1; }
static inline size_t lacuna_h5t_variable(void) { return H5T_VARIABLE; }

/// A file that lies in memory only; Swift's Glibc does not offer memfd_create.
static inline int lacuna_memory_file(void) { return (int)syscall(SYS_memfd_create, "discarded", 1u); }
