// What describes objects and links has another form since HDF5 1.12; this one all versions offer.
#define H5_USE_110_API
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

// Names that are macros since HDF5 1.12.
typedef H5L_info_t lacuna_h5l_info;
typedef H5O_info_t lacuna_h5o_info;
static inline herr_t lacuna_h5l_get_info(hid_t place, const char *name, lacuna_h5l_info *info) {
    return H5Lget_info(place, name, info, H5P_DEFAULT);
}
static inline herr_t lacuna_h5l_visit(hid_t group, H5L_iterate_t look, void *data) {
    return H5Lvisit(group, H5_INDEX_NAME, H5_ITER_INC, look, data);
}
static inline herr_t lacuna_h5o_get_info(hid_t object, lacuna_h5o_info *info) {
    return H5Oget_info2(object, info, H5O_INFO_BASIC);
}
static inline herr_t lacuna_h5o_get_info_by_name(hid_t place, const char *name, lacuna_h5o_info *info) {
    return H5Oget_info_by_name2(place, name, info, H5O_INFO_BASIC, H5P_DEFAULT);
}
