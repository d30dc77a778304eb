internal import CConvolution

/// How the numbers of tensors are stored while a network computes; parameters and their gradients are float32 always.
public enum Precision: Hashable, Sendable {
    case float32
    /// Half the memory, 8 significant bits; several times faster on processors with matrix units.
    case bfloat16

    /// bfloat16 where the processor has matrix units for it, float32 elsewhere.
    public static let automatic: Precision = lacuna_has_matrix_units() ? .bfloat16 : .float32

    /// Bytes of one number.
    var size: Int { self == .float32 ? 4 : 2 }
}
