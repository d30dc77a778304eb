#include <cstdio>
#include <cstring>
#include <memory>
#include <unordered_map>
#include <vector>

#include "CConvolution.h"
#include "planning.hpp"
#include "weights_gradient.hpp"

using dnnl::memory;
using Type = memory::data_type;
using Layout = memory::format_tag;

namespace {

dnnl::engine &engine() {
    static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}

memory::dims dims(const int64_t (&extents)[3], int64_t first, int64_t second) {
    return {first, second, extents[0], extents[1], extents[2]};
}

/// Memory that the caller owns and hands over at each call.
memory borrowed(const memory::desc &description) { return memory(description, engine(), nullptr); }

/// A primitive with its arguments, ready to run.
struct Step {
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
};

}  // namespace

/// What the C interface sees of either kind of convolution.
struct LacunaConvolution {
    virtual ~LacunaConvolution() = default;
    virtual void load(const float *weights, const float *bias) = 0;
    virtual void forward(const void *x, const void *residual, void *y) = 0;
    virtual void backward_input(const void *y_gradient, void *x_gradient) = 0;
    virtual void backward_weights(const void *x, const void *y_gradient, float *w_gradient, float *b_gradient) = 0;
};

namespace {

template <typename F>
class Planned final : public LacunaConvolution {
public:
    explicit Planned(const LacunaConvolutionShape &shape) : stream(engine()) {
        Type type = shape.precision == LacunaBFloat16 ? Type::bf16 : Type::f32;
        auto x_dims = dims(shape.input, shape.batch, shape.input_channels);
        auto y_dims = dims(shape.output, shape.batch, shape.output_channels);
        auto w_dims = dims(shape.kernel, shape.output_channels, shape.input_channels);
        memory::dims b_dims = {shape.output_channels};
        memory::desc x(x_dims, type, Layout::ndhwc), y(y_dims, type, Layout::ndhwc), w(w_dims, type, Layout::any);
        memory::desc b(b_dims, Type::f32, Layout::x), master(w_dims, Type::f32, Layout::dhwio);
        lacuna::Window window;
        for (int axis = 0; axis < 3; axis++) {
            window.strides.push_back(shape.stride[axis]);
            window.dilations.push_back(shape.dilation[axis] - 1);
            window.pad_before.push_back(shape.pad_before[axis]);
            window.pad_after.push_back(shape.pad_after[axis]);
        }

        dnnl::primitive_attr attributes;
        dnnl::post_ops steps;
        if (shape.adds_residual) steps.append_sum(1);
        if (shape.slope != 1) lacuna::append_leaky(steps, shape.slope);
        attributes.set_post_ops(steps);
        auto plan = lacuna::plan_forward<F>(engine(), x, w, b, y, window, attributes);

        source = borrowed(x);
        target = borrowed(y);
        precision = shape.precision;
        residual_count = int64_t(y.get_size() / dnnl::memory::data_type_size(type));
        master_weights = borrowed(master);
        weights = memory(plan.weights_desc(), engine());
        bias = memory(b, engine());
        load_weights = dnnl::reorder(master_weights, weights);
        forward_step.primitive = typename F::Forward(plan);
        forward_step.arguments = {
            {DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, target}};

        if (shape.propagates) plan_input_gradient(x, w, y, window, plan);
        if (shape.training && lacuna::WeightsGradient::fits(shape))
            on_matrix_units = std::make_unique<lacuna::WeightsGradient>(shape);
        else if (shape.training) {
            w = memory::desc(w_dims, Type::f32, Layout::any);
            widens = type == Type::bf16 && is_dilated(shape);
            if (widens) {
                x = memory::desc(x_dims, Type::f32, Layout::ndhwc);
                y = memory::desc(y_dims, Type::f32, Layout::ndhwc);
                plan = lacuna::plan_forward<F>(engine(), x, w, b, y, window, {});
                wide_source = borrowed(x);
                wide_target = borrowed(y);
            }
            plan_weights_gradient(x, w, b, y, window, plan);
        }
    }

    void load(const float *new_weights, const float *new_bias) override {
        master_weights.set_data_handle(const_cast<float *>(new_weights));
        load_weights.execute(stream, master_weights, weights);
        if (weights_for_input) load_weights_for_input.execute(stream, master_weights, weights_for_input);
        memcpy(bias.get_data_handle(), new_bias, bias.get_desc().get_size());
        stream.wait();
    }

    void forward(const void *x, const void *residual, void *y) override {
        source.set_data_handle(const_cast<void *>(x));
        target.set_data_handle(y);
        if (residual) lacuna_add(residual, y, residual_count, false, precision);
        run(forward_step);
    }

    void backward_input(const void *y_gradient, void *x_gradient) override {
        source.set_data_handle(x_gradient);
        target.set_data_handle(const_cast<void *>(y_gradient));
        run(input_step);
    }

    void backward_weights(const void *x, const void *y_gradient, float *w_gradient, float *b_gradient) override {
        if (on_matrix_units) {
            on_matrix_units->add(x, y_gradient, w_gradient, b_gradient);
            return;
        }
        source.set_data_handle(const_cast<void *>(x));
        target.set_data_handle(const_cast<void *>(y_gradient));
        if (widens) widen();
        run(weights_step);
        master_weights.set_data_handle(w_gradient);
        add_weights_gradient.execute(stream, weights_gradient, master_weights);
        stream.wait();
        auto sums = static_cast<const float *>(bias_gradient.get_data_handle());
        for (size_t channel = 0; channel < bias_gradient.get_desc().get_size() / sizeof(float); channel++)
            b_gradient[channel] += sums[channel];
    }

private:
    void plan_input_gradient(
        const memory::desc &x, const memory::desc &w, const memory::desc &y, const lacuna::Window &window,
        const typename F::Forward::primitive_desc &forward_plan
    ) {
        auto plan = lacuna::plan_input<F>(engine(), x, w, y, window, forward_plan);
        auto held = weights;
        if (plan.weights_desc() != weights.get_desc()) {
            held = weights_for_input = memory(plan.weights_desc(), engine());
            load_weights_for_input = dnnl::reorder(master_weights, weights_for_input);
        }
        input_step.primitive = typename F::Input(plan);
        input_step.arguments = {{DNNL_ARG_DIFF_SRC, source}, {DNNL_ARG_WEIGHTS, held}, {DNNL_ARG_DIFF_DST, target}};
    }

    void plan_weights_gradient(
        const memory::desc &x, const memory::desc &w, const memory::desc &b, const memory::desc &y,
        const lacuna::Window &window, const typename F::Forward::primitive_desc &forward_plan
    ) {
        auto plan = lacuna::plan_weights<F>(engine(), x, w, b, y, window, forward_plan);
        weights_gradient = memory(plan.diff_weights_desc(), engine());
        bias_gradient = memory(b, engine());
        dnnl::primitive_attr adding;
        dnnl::post_ops sum;
        sum.append_sum(1);
        adding.set_post_ops(sum);
        add_weights_gradient = dnnl::reorder(weights_gradient, master_weights, adding);
        weights_step.primitive = typename F::Weights(plan);
        weights_step.arguments = {
            {DNNL_ARG_SRC, widens ? wide_source : source},
            {DNNL_ARG_DIFF_DST, widens ? wide_target : target},
            {DNNL_ARG_DIFF_WEIGHTS, weights_gradient},
            {DNNL_ARG_DIFF_BIAS, bias_gradient}};
    }

    /// oneDNN 2.6 computes wrong gradients of the weights in bfloat16, often not finite ones, where a convolution is
    /// dilated and has more than 16 channels that are no multiple of 16: dilated ones get theirs in float32.
    static bool is_dilated(const LacunaConvolutionShape &shape) {
        return shape.dilation[0] > 1 || shape.dilation[1] > 1 || shape.dilation[2] > 1;
    }

    /// Copies input and gradient of the output to the calling thread's room, which grows to the largest layer's need.
    void widen() {
        static thread_local std::vector<float> room;
        auto x_count = wide_source.get_desc().get_size() / sizeof(float);
        auto y_count = wide_target.get_desc().get_size() / sizeof(float);
        if (room.size() < x_count + y_count) room.resize(x_count + y_count);
        wide_source.set_data_handle(room.data());
        wide_target.set_data_handle(room.data() + x_count);
        lacuna_convert(source.get_data_handle(), LacunaBFloat16, room.data(), LacunaFloat32, int64_t(x_count));
        lacuna_convert(target.get_data_handle(), LacunaBFloat16, room.data() + x_count, LacunaFloat32, int64_t(y_count));
    }

    void run(Step &step) {
        step.primitive.execute(stream, step.arguments);
        stream.wait();
    }

    dnnl::stream stream;
    LacunaPrecision precision;
    int64_t residual_count;
    memory source, target, master_weights, weights, weights_for_input, bias;
    memory weights_gradient, bias_gradient;
    /// Whether the gradient of the weights is computed in float32, from these copies, although the rest is not.
    bool widens = false;
    memory wide_source, wide_target;
    dnnl::reorder load_weights, load_weights_for_input, add_weights_gradient;
    Step forward_step, input_step, weights_step;
    std::unique_ptr<lacuna::WeightsGradient> on_matrix_units;
};

}  // namespace

bool lacuna_multiplies_bfloat16(void) {
    return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

LacunaConvolution *lacuna_convolution_create(
    const LacunaConvolutionShape *shape, char *message, int64_t message_size
) {
    try {
        if (shape->transposed) return new Planned<lacuna::Deconvolutions>(*shape);
        return new Planned<lacuna::Convolutions>(*shape);
    } catch (const std::exception &error) {
        snprintf(message, size_t(message_size), "%s", error.what());
        return nullptr;
    }
}

void lacuna_convolution_destroy(LacunaConvolution *convolution) { delete convolution; }

void lacuna_convolution_load(LacunaConvolution *convolution, const float *weights, const float *bias) {
    convolution->load(weights, bias);
}

void lacuna_convolution_forward(LacunaConvolution *convolution, const void *x, const void *residual, void *y) {
    convolution->forward(x, residual, y);
}

void lacuna_convolution_backward_input(LacunaConvolution *convolution, const void *y_gradient, void *x_gradient) {
    convolution->backward_input(y_gradient, x_gradient);
}

void lacuna_convolution_backward_weights(
    LacunaConvolution *convolution, const void *x, const void *y_gradient, float *weights_gradient,
    float *bias_gradient
) {
    convolution->backward_weights(x, y_gradient, weights_gradient, bias_gradient);
}
