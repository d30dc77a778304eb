// The two spellings of oneDNN: planning takes a descriptor object in 2.x and plain arguments in 3.x.
#pragma once
#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

namespace lacuna {

/// What every convolution primitive is planned from besides its tensors.
struct Window {
    dnnl::memory::dims strides, dilations, pad_before, pad_after;
};

/// The three primitives of a convolution, or of its adjoint.
template <typename ForwardPrimitive, typename InputPrimitive, typename WeightsPrimitive, dnnl::algorithm Direct>
struct Family {
    using Forward = ForwardPrimitive;
    using Input = InputPrimitive;
    using Weights = WeightsPrimitive;
    static constexpr dnnl::algorithm direct = Direct;
};
using Convolutions = Family<
    dnnl::convolution_forward, dnnl::convolution_backward_data, dnnl::convolution_backward_weights,
    dnnl::algorithm::convolution_direct>;
using Deconvolutions = Family<
    dnnl::deconvolution_forward, dnnl::deconvolution_backward_data, dnnl::deconvolution_backward_weights,
    dnnl::algorithm::deconvolution_direct>;

using Tensor = dnnl::memory::desc;

#if DNNL_VERSION_MAJOR >= 3

template <typename F>
auto plan_forward(
    const dnnl::engine &engine, const Tensor &x, const Tensor &w, const Tensor &b, const Tensor &y, const Window &at,
    const dnnl::primitive_attr &attributes
) {
    return typename F::Forward::primitive_desc(
        engine, dnnl::prop_kind::forward_training, F::direct, x, w, b, y, at.strides, at.dilations, at.pad_before,
        at.pad_after, attributes);
}
template <typename F>
auto plan_input(
    const dnnl::engine &engine, const Tensor &x, const Tensor &w, const Tensor &y, const Window &at,
    const typename F::Forward::primitive_desc &forward
) {
    return typename F::Input::primitive_desc(
        engine, F::direct, x, w, y, at.strides, at.dilations, at.pad_before, at.pad_after, forward);
}
template <typename F>
auto plan_weights(
    const dnnl::engine &engine, const Tensor &x, const Tensor &w, const Tensor &b, const Tensor &y, const Window &at,
    const typename F::Forward::primitive_desc &forward
) {
    return typename F::Weights::primitive_desc(
        engine, F::direct, x, w, b, y, at.strides, at.dilations, at.pad_before, at.pad_after, forward);
}
inline void append_leaky(dnnl::post_ops &steps, float slope) {
    steps.append_eltwise(dnnl::algorithm::eltwise_relu, slope, 0);
}

#else

template <typename F>
auto plan_forward(
    const dnnl::engine &engine, const Tensor &x, const Tensor &w, const Tensor &b, const Tensor &y, const Window &at,
    const dnnl::primitive_attr &attributes
) {
    typename F::Forward::desc description(
        dnnl::prop_kind::forward_training, F::direct, x, w, b, y, at.strides, at.dilations, at.pad_before,
        at.pad_after);
    return typename F::Forward::primitive_desc(description, attributes, engine);
}
template <typename F>
auto plan_input(
    const dnnl::engine &engine, const Tensor &x, const Tensor &w, const Tensor &y, const Window &at,
    const typename F::Forward::primitive_desc &forward
) {
    typename F::Input::desc description(F::direct, x, w, y, at.strides, at.dilations, at.pad_before, at.pad_after);
    return typename F::Input::primitive_desc(description, engine, forward);
}
template <typename F>
auto plan_weights(
    const dnnl::engine &engine, const Tensor &x, const Tensor &w, const Tensor &b, const Tensor &y, const Window &at,
    const typename F::Forward::primitive_desc &forward
) {
    typename F::Weights::desc description(F::direct, x, w, b, y, at.strides, at.dilations, at.pad_before, at.pad_after);
    return typename F::Weights::primitive_desc(description, engine, forward);
}
inline void append_leaky(dnnl::post_ops &steps, float slope) {
    steps.append_eltwise(1, dnnl::algorithm::eltwise_relu, slope, 0);
}

#endif

}  // namespace lacuna
