// A plain C interface to what a network computes with: oneDNN's convolutions, and loops over channels-last tensors.
//
// Every tensor is dense and channels-last: (N, D, H, W, C). `Precision` says whether its elements are float or bfloat16.
// Extents are always given in the order depth, height, width. All calls run on `lacuna_set_threads` OpenMP threads.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { LacunaFloat32 = 0, LacunaBFloat16 = 1 } LacunaPrecision;

// MARK: Threads

/// Sets the number of OpenMP threads for the calling thread's work from now on.
void lacuna_set_threads(int count);
/// The number of cores that this process may use.
int lacuna_available_threads(void);

/// Whether oneDNN multiplies numbers of bfloat16 on this processor by its own instructions (AVX-512 BF16, AMX).
bool lacuna_multiplies_bfloat16(void);

// MARK: Convolution

/// A convolution y = leaky(w * x + b [+ r]) planned once for fixed shapes.
typedef struct LacunaConvolution LacunaConvolution;

typedef struct {
    int64_t batch, input_channels, output_channels;
    int64_t input[3], output[3], kernel[3], stride[3], dilation[3], pad_before[3], pad_after[3];
    /// The adjoint of a convolution from `output` to `input`.
    bool transposed;
    /// A residual tensor of the output's shape is added before the activation.
    bool adds_residual;
    /// Backward passes will be asked for: to the weights, and (`propagates`) to the input.
    bool training, propagates;
    /// The slope of the leaky rectifier for negative values; 1 for none.
    float slope;
    LacunaPrecision precision;
} LacunaConvolutionShape;

/// Plans a convolution; NULL where the library refuses, with the reason in `message`.
LacunaConvolution *lacuna_convolution_create(const LacunaConvolutionShape *shape, char *message, int64_t message_size);
void lacuna_convolution_destroy(LacunaConvolution *convolution);

/// Takes over the weights (kernel d, h, w, input channel, output channel) and biases, both float32.
void lacuna_convolution_load(LacunaConvolution *convolution, const float *weights, const float *bias);
/// Writes y; `residual` is read only where the convolution adds one.
void lacuna_convolution_forward(LacunaConvolution *convolution, const void *x, const void *residual, void *y);
/// Writes the gradient of x from the gradient of w * x + b.
void lacuna_convolution_backward_input(LacunaConvolution *convolution, const void *y_gradient, void *x_gradient);
/// Adds to the gradients of weights and biases, laid out as in `lacuna_convolution_load`.
void lacuna_convolution_backward_weights(
    LacunaConvolution *convolution, const void *x, const void *y_gradient, float *weights_gradient,
    float *bias_gradient);

// MARK: Element by element

/// Copies `count` elements while changing their precision.
void lacuna_convert(const void *source, LacunaPrecision from, void *target, LacunaPrecision to, int64_t count);
/// y = x where `accumulate` is false, else y += x.
void lacuna_add(const void *x, void *y, int64_t count, bool accumulate, LacunaPrecision precision);
/// y = a + b.
void lacuna_sum(const void *a, const void *b, void *y, int64_t count, LacunaPrecision precision);
/// y = leaky(x).
void lacuna_leaky(const void *x, void *y, int64_t count, float slope, LacunaPrecision precision);
/// Multiplies g by the derivative of the leaky rectifier that gave y, in place; needs slope > 0.
void lacuna_leaky_backward(const void *y, void *g, int64_t count, float slope, LacunaPrecision precision);
/// y = 1 / (1 + exp(-gain · x)).
void lacuna_sigmoid(const void *x, void *y, int64_t count, float gain, LacunaPrecision precision);
/// Multiplies g by the derivative of the sigmoid that gave y, in place.
void lacuna_sigmoid_backward(const void *y, void *g, int64_t count, float gain, LacunaPrecision precision);

// MARK: Optimisation

/// One step of Adam: values = kept · values − rate · m / (√(second_scale · v) + epsilon), with the moving averages m of
/// the scaled gradients and v of their squares.
typedef struct {
    float gradient_scale, beta1, beta2, rate, second_scale, epsilon, kept;
} LacunaAdamStep;

void lacuna_adam(
    const LacunaAdamStep *step, const float *gradients, float *first_moment, float *second_moment, float *values,
    int64_t count);
/// y += share · (x − y).
void lacuna_blend(const float *x, float *y, float share, int64_t count);
/// The sum of squares, in an order that does not depend on the number of threads.
double lacuna_sum_of_squares(const float *values, int64_t count);

// MARK: Movement of data

/// Copies `channels` channels of each of `voxels` voxels between tensors of different numbers of channels.
void lacuna_copy_channels(
    const void *source, int64_t source_channels, int64_t source_first, void *target, int64_t target_channels,
    int64_t target_first, int64_t channels, int64_t voxels, bool accumulate, LacunaPrecision precision);

/// The voxels of a fine grid gathered into blocks: fine (N, D·d, H·h, W·w, C), coarse (N, D, H, W, ...).
typedef struct {
    int64_t batch, coarse[3], block[3], channels;
    /// Extents of the fine grid, at least coarse · block; what lies beyond belongs to no block.
    int64_t fine[3];
    LacunaPrecision precision;
} LacunaBlocks;

/// Coarse channel ((d·h' + h)·w' + w)·C + c takes the fine voxel (d, h, w) of its block.
void lacuna_space_to_depth(const LacunaBlocks *blocks, const void *fine, void *coarse, bool accumulate);
void lacuna_depth_to_space(const LacunaBlocks *blocks, const void *coarse, void *fine, bool accumulate);
/// Every fine voxel takes the value of its block.
void lacuna_upsample(const LacunaBlocks *blocks, const void *coarse, void *fine);
/// Every block takes the sum of its fine voxels.
void lacuna_sum_blocks(const LacunaBlocks *blocks, const void *fine, void *coarse, bool accumulate);
/// Every block takes the largest of its fine voxels.
void lacuna_max_pool(const LacunaBlocks *blocks, const void *fine, void *coarse);
/// Sends the gradient of a block to the first of its fine voxels that has the largest value.
void lacuna_max_pool_backward(
    const LacunaBlocks *blocks, const void *fine, const void *coarse, const void *coarse_gradient, void *fine_gradient,
    bool accumulate);

#ifdef __cplusplus
}
#endif
