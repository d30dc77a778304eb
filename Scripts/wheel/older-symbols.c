// Three functions in the versions that older systems have, too, for the program in the wheel. The linker gives it these
// in place of the newest (--wrap); glibc 2.34 and the C++ library of GCC 11, as RHEL 9 has them, are then enough.
// The newer hypot leaves out error handling of the System V interface, the newer wait() is noexcept.

__asm__(".symver older_hypot, hypot@GLIBC_2.2.5");
__asm__(".symver older_hypotf, hypotf@GLIBC_2.2.5");
__asm__(".symver older_wait, _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE@GLIBCXX_3.4.11");

double older_hypot(double, double);
float older_hypotf(float, float);
void older_wait(void *condition, void *lock);

double __wrap_hypot(double x, double y) { return older_hypot(x, y); }

float __wrap_hypotf(float x, float y) { return older_hypotf(x, y); }

// std::condition_variable::wait(std::unique_lock<std::mutex> &)
void __wrap__ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE(void *condition, void *lock) {
    older_wait(condition, lock);
}
