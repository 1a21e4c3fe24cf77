// The pare dialect, its attributes and the base class of its ops.
#ifndef PARE_BASE
#define PARE_BASE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "pare/Interfaces/Interfaces.td"

def Pare_Dialect : Dialect {
  let name = "pare";
  let cppNamespace = "::pare";
  let summary = "Neural-network inference as tensor values";
  let description = [{
    Value semantics on builtin tensor types. Integers keep their sign (`si8`, `ui8`, `si64`), booleans are `i1`. Elementwise
    ops broadcast as NumPy and ONNX do. Weights are `#pare.external` references into the mapped model file, so that a module
    of any size is cheap to hold, print and read back.

    An entry point is a `func.func` whose arguments and results carry `pare.name` (a string) and, where the model names
    dimensions, `pare.dims` (an array of strings, empty for a dimension without a name). Dimensions of one entry point that
    share a name are equal; the runtime checks it on every call.
  }];
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::func::FuncDialect"];
  let hasConstantMaterializer = 1;
  let extraClassDeclaration = [{
    /// Maps `path` read-only, once per context. Fails with a text when the file cannot be mapped.
    ::llvm::Expected<::llvm::StringRef> mapFile(::llvm::StringRef path);

  private:
    std::mutex mutex;
    ::llvm::StringMap<std::unique_ptr<::llvm::MemoryBuffer>> files;
  }];
}

class Pare_Attr<string name, string attrMnemonic, list<Trait> traits = []> : AttrDef<Pare_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def Pare_ExternalAttr : Pare_Attr<"External", "external", [TypedAttrInterface]> {
  let summary = "The elements of a tensor as they lie in a file";
  let description = [{
    Little-endian elements, row-major, at `offset` of the file at `path`, which is mapped and never copied. The number of
    bytes follows from the type (i1 takes a byte per element). The verifier checks that the file holds them.

    Example: `#pare.external<"model.onnx", 4096> : tensor<384x384xf32>`
  }];
  let parameters = (ins
    StringRefParameter<"path of the file">:$path,
    "uint64_t":$offset,
    AttributeSelfTypeParameter<"", "::mlir::RankedTensorType">:$type
  );
  let assemblyFormat = "`<` $path `,` $offset `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The elements, as mapped. The address has no particular alignment.
    ::llvm::ArrayRef<char> getBytes() const;
  }];
}

def Pare_LevelsAttr : Pare_Attr<"Levels", "levels"> {
  let summary = "Equally spaced levels to which numbers are rounded";
  let description = [{
    What affine quantisation to integers from `low` to `high` and back makes of x:
    (clamp(round(x / scale) + zero_point, low, high) - zero_point) * scale, halves rounded to even. NaN stays NaN.

    Example: `#pare.levels<scale = 2.500000e-01 : f32, zero_point = 0, low = -128, high = 127>`
  }];
  let parameters = (ins "::mlir::FloatAttr":$scale, "int64_t":$zero_point, "int64_t":$low, "int64_t":$high);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

class Pare_Enum<string name, string description, list<I32EnumAttrCase> cases> : I32EnumAttr<name, description, cases> {
  let cppNamespace = "::pare";
  let genSpecializedAttr = 0;
}

class Pare_EnumAttr<EnumAttrInfo info, string attrMnemonic> : EnumAttr<Pare_Dialect, info, attrMnemonic> {
  let assemblyFormat = "`<` $value `>`";
}

def Pare_CompareKind : Pare_Enum<"CompareKind", "comparison", [
  I32EnumAttrCase<"eq", 0>, I32EnumAttrCase<"lt", 1>, I32EnumAttrCase<"le", 2>, I32EnumAttrCase<"gt", 3>, I32EnumAttrCase<"ge", 4>]>;
def Pare_CompareKindAttr : Pare_EnumAttr<Pare_CompareKind, "compare_kind">;

def Pare_ReduceKind : Pare_Enum<"ReduceKind", "reduction", [
  I32EnumAttrCase<"sum", 0>, I32EnumAttrCase<"mean", 1>, I32EnumAttrCase<"max", 2>, I32EnumAttrCase<"min", 3>, I32EnumAttrCase<"prod", 4>]>;
def Pare_ReduceKindAttr : Pare_EnumAttr<Pare_ReduceKind, "reduce_kind">;

def Pare_PadMode : Pare_Enum<"PadMode", "what stands outside", [
  I32EnumAttrCase<"constant", 0>, I32EnumAttrCase<"reflect", 1>, I32EnumAttrCase<"edge", 2>, I32EnumAttrCase<"wrap", 3>]>;
def Pare_PadModeAttr : Pare_EnumAttr<Pare_PadMode, "pad_mode">;

def Pare_ResizeMode : Pare_Enum<"ResizeMode", "how elements are interpolated", [
  I32EnumAttrCase<"nearest", 0>, I32EnumAttrCase<"linear", 1>, I32EnumAttrCase<"cubic", 2>]>;
def Pare_ResizeModeAttr : Pare_EnumAttr<Pare_ResizeMode, "resize_mode">;

def Pare_ResizeCoordinates : Pare_Enum<"ResizeCoordinates", "where an element of the result lies in the operand", [
  I32EnumAttrCase<"half_pixel", 0>, I32EnumAttrCase<"half_pixel_symmetric", 1>, I32EnumAttrCase<"pytorch_half_pixel", 2>,
  I32EnumAttrCase<"align_corners", 3>, I32EnumAttrCase<"asymmetric", 4>, I32EnumAttrCase<"tf_half_pixel_for_nn", 5>,
  I32EnumAttrCase<"tf_crop_and_resize", 6>]>;
def Pare_ResizeCoordinatesAttr : Pare_EnumAttr<Pare_ResizeCoordinates, "resize_coordinates">;

def Pare_ResizeRounding : Pare_Enum<"ResizeRounding", "which neighbour is the nearest", [
  I32EnumAttrCase<"round_prefer_floor", 0>, I32EnumAttrCase<"round_prefer_ceil", 1>, I32EnumAttrCase<"floor", 2>,
  I32EnumAttrCase<"ceil", 3>]>;
def Pare_ResizeRoundingAttr : Pare_EnumAttr<Pare_ResizeRounding, "resize_rounding">;

def Pare_ResizePolicy : Pare_Enum<"ResizePolicy", "what sizes do to the aspect ratio", [
  I32EnumAttrCase<"stretch", 0>, I32EnumAttrCase<"not_larger", 1>, I32EnumAttrCase<"not_smaller", 2>]>;
def Pare_ResizePolicyAttr : Pare_EnumAttr<Pare_ResizePolicy, "resize_policy">;

def Pare_ScatterKind : Pare_Enum<"ScatterKind", "how an update meets the old element", [
  I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"add", 1>, I32EnumAttrCase<"mul", 2>, I32EnumAttrCase<"max", 3>, I32EnumAttrCase<"min", 4>]>;
def Pare_ScatterKindAttr : Pare_EnumAttr<Pare_ScatterKind, "scatter_kind">;

def Pare_GeluKind : Pare_Enum<"GeluKind", "form of GELU", [I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"tanh", 1>]>;
def Pare_GeluKindAttr : Pare_EnumAttr<Pare_GeluKind, "gelu_kind">;

def Pare_MaskMode : Pare_Enum<"MaskMode", "what a mask does to a score", [I32EnumAttrCase<"select", 0>, I32EnumAttrCase<"add", 1>]>;
def Pare_MaskModeAttr : Pare_EnumAttr<Pare_MaskMode, "mask_mode">;

// Element types that pass through the dialect.
def Pare_Float : AnyTypeOf<[F16, BF16, F32, F64], "floating point">;
def Pare_Integer : AnyTypeOf<[SI8, SI16, SI32, SI64, UI8, UI16, UI32, UI64], "signed or unsigned integer">;
def Pare_Number : AnyTypeOf<[F16, BF16, F32, F64, SI8, SI16, SI32, SI64, UI8, UI16, UI32, UI64], "number">;
def Pare_Element : AnyTypeOf<[I1, F16, BF16, F32, F64, SI8, SI16, SI32, SI64, UI8, UI16, UI32, UI64], "number or boolean">;
def Pare_Tensor : TensorOf<[Pare_Element]>;
def Pare_FloatTensor : TensorOf<[Pare_Float]>;
def Pare_NumberTensor : TensorOf<[Pare_Number]>;
def Pare_IntegerTensor : TensorOf<[Pare_Integer]>;
def Pare_BoolTensor : TensorOf<[I1]>;
def Pare_IndexTensor : TensorOf<[SI32, SI64]>;
def Pare_ShapeTensor : TensorOf<[SI64]>;

// An op without side effects whose result types follow from operands and attributes. Result types may be more precise than
// what the rule gives, never in conflict with it.
class Pare_Op<string mnemonic, list<Trait> traits = []> : Op<Pare_Dialect, mnemonic, traits # [
    Pure, InferTypeOpAdaptorWithIsCompatible,
    DeclareOpInterfaceMethods<Pare_RowWiseOpInterface>, DeclareOpInterfaceMethods<Pare_CostOpInterface>]> {
  let extraClassDefinition = [{
    bool $cppClass::isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return ::pare::areCompatible(inferred, actual);
    }
  }];
}

#endif
