// Streams weights from where the model has them into the layout that the code reads.
#include "Weights.h"
#include "pare/Dialect/Pare.h"
#include "pare/Target/Artefact.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;

namespace pare {
namespace {
constexpr uint64_t kAlignment = 64; // PARE_BUFFER_ALIGNMENT
constexpr int64_t kMaxWidth = 1024;

/// batch matrices of K x N elements.
struct Matrices {
  int64_t batch = 1, k = 1, n = 1;
};

RankedTensorType typeOf(const Weight &weight) { return cast<RankedTensorType>(weight.data.getType()); }

Matrices matricesOf(const Weight &weight) {
  ArrayRef<int64_t> shape = weight.panels.shape.empty() ? typeOf(weight).getShape() : ArrayRef(weight.panels.shape);
  Matrices matrices;
  for (int64_t size : shape.drop_back(2))
    matrices.batch *= size;
  matrices.k = shape[shape.size() - 2];
  matrices.n = shape.back();
  if (weight.panels.transposed)
    std::swap(matrices.k, matrices.n);
  return matrices;
}

uint64_t givenBytes(const Weight &weight) {
  RankedTensorType type = typeOf(weight);
  return static_cast<uint64_t>(type.getNumElements()) * elementBytes(type.getElementType());
}

/// Whether a tensor of `type` has as many elements as one of `shape`.
bool holds(RankedTensorType type, ArrayRef<int64_t> shape) {
  int64_t elements = 1;
  for (int64_t size : shape)
    if (size < 0 || llvm::MulOverflow(elements, size, elements))
      return false;
  return elements == type.getNumElements();
}

FailureOr<Panels> readLayout(DictionaryAttr layout, RankedTensorType type) {
  if (!layout || layout.empty())
    return Panels();
  auto kind = layout.getAs<StringAttr>("kind");
  auto width = layout.getAs<IntegerAttr>("width");
  if (!kind || kind.getValue() != "panels" || !width || width.getInt() < 1 || width.getInt() > kMaxWidth)
    return failure();
  auto shape = layout.getAs<DenseI64ArrayAttr>("shape");
  if ((shape && !holds(type, shape.asArrayRef())) || (shape ? shape.size() : type.getRank()) < 2)
    return failure();
  return Panels{width.getInt(), layout.contains("transposed"), layout.contains("pairs"), layout.contains("quads"),
                shape ? llvm::to_vector(shape.asArrayRef()) : SmallVector<int64_t>()};
}

/// Columns [column, column + width) of a matrix, row by row, into `to` (zeros where there are none).
void packPanel(const char *from, const Matrices &size, int64_t column, const Panels &panels, size_t element, char *to) {
  const int64_t columns = std::min(panels.width, size.n - column);
  for (int64_t row = 0; row < size.k; ++row, to += panels.width * element) {
    if (panels.transposed)
      for (int64_t i = 0; i < columns; ++i)
        memcpy(to + i * element, from + ((column + i) * size.k + row) * element, element);
    else
      memcpy(to, from + (row * size.n + column) * element, columns * element);
    memset(to + columns * element, 0, (panels.width - columns) * element);
  }
}

/// To nearest even; a NaN stays one.
uint16_t toBFloat16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (value != value)
    return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// Narrows a packed panel of `rows` rows in place; the two of a pair of rows lie together then.
size_t makePairs(std::vector<char> &panel, int64_t rows, int64_t width) {
  std::vector<float> pair(2 * width);
  for (int64_t row = 0; row < rows; row += 2) {
    memcpy(pair.data(), panel.data() + row * width * sizeof(float), 2 * width * sizeof(float));
    char *to = panel.data() + row * width * sizeof(uint16_t);
    for (int64_t column = 0; column < width; ++column)
      for (int64_t half = 0; half < 2; ++half, to += sizeof(uint16_t)) {
        uint16_t narrow = toBFloat16(pair[half * width + column]);
        memcpy(to, &narrow, sizeof narrow);
      }
  }
  return rows * width * sizeof(uint16_t);
}

/// The four of a group of rows of a packed panel of bytes side by side in each column.
void makeQuads(std::vector<char> &panel, int64_t width) {
  std::vector<char> rows(4 * width);
  for (size_t group = 0; group < panel.size(); group += rows.size()) {
    memcpy(rows.data(), panel.data() + group, rows.size());
    for (int64_t column = 0; column < width; ++column)
      for (int64_t row = 0; row < 4; ++row)
        panel[group + column * 4 + row] = rows[row * width + column];
  }
}

/// Rows of a panel.
int64_t heightOf(const Weight &weight) {
  int64_t rows = matricesOf(weight).k;
  return weight.panels.quads ? llvm::divideCeil(rows, 4) * 4 : rows;
}

bool streamPanels(const Weight &weight, ArrayRef<char> bytes, ByteSink sink) {
  const Matrices size = matricesOf(weight);
  const size_t element = elementBytes(typeOf(weight).getElementType());
  std::vector<char> panel(heightOf(weight) * weight.panels.width * element);
  for (int64_t batch = 0; batch < size.batch; ++batch)
    for (int64_t column = 0; column < size.n; column += weight.panels.width) {
      packPanel(bytes.data() + batch * size.k * size.n * element, size, column, weight.panels, element, panel.data());
      if (weight.panels.quads) {
        const size_t filled = size.k * weight.panels.width;
        memset(panel.data() + filled, 0, panel.size() - filled);
        makeQuads(panel, weight.panels.width);
      }
      size_t bytes = weight.panels.pairs ? makePairs(panel, size.k, weight.panels.width) : panel.size();
      if (!sink(ArrayRef(panel).take_front(bytes)))
        return false;
    }
  return true;
}

/// A file that became shorter after it was mapped would kill the process when its pages are read.
bool stillHolds(ExternalAttr external, uint64_t bytes, std::string &error) {
  uint64_t size = 0;
  std::error_code code = llvm::sys::fs::file_size(external.getPath(), size);
  if (!code && size >= external.getOffset() && size - external.getOffset() >= bytes)
    return true;
  error = "cannot read weights from '" + external.getPath().str() + "': " +
          (code ? code.message()
                : "it became shorter during the compilation: " + std::to_string(bytes) + " bytes at offset " +
                      std::to_string(external.getOffset()) + " expected, the file has " + std::to_string(size));
  return false;
}
} // namespace

uint64_t Weight::storedBytes() const {
  if (!panels.width)
    return givenBytes(*this);
  Matrices size = matricesOf(*this);
  int64_t padded = (size.n + panels.width - 1) / panels.width * panels.width;
  return static_cast<uint64_t>(size.batch * heightOf(*this) * padded) *
         (panels.pairs ? sizeof(uint16_t) : elementBytes(typeOf(*this).getElementType()));
}

FailureOr<std::vector<Weight>> readWeights(ModuleOp module) {
  std::vector<Weight> weights;
  auto list = module->getAttrOfType<ArrayAttr>(kWeightsAttr);
  if (!list)
    return weights;
  uint64_t end = 0;
  for (auto [index, attribute] : llvm::enumerate(list)) {
    auto fail = [&, index = index](StringRef text) {
      module.emitError() << kWeightsAttr << "[" << index << "]: " << text;
      return failure();
    };
    auto entry = dyn_cast<DictionaryAttr>(attribute);
    if (!entry)
      return fail("expected {data, offset, layout}");
    Weight weight;
    weight.data = entry.getAs<TypedAttr>("data");
    auto type = weight.data ? dyn_cast<RankedTensorType>(weight.data.getType()) : RankedTensorType();
    if (!isa_and_nonnull<DenseElementsAttr, DenseResourceElementsAttr, ExternalAttr>(weight.data) ||
        !type.getElementType().isIntOrFloat())
      return fail("data must be a dense, dense_resource or external constant of integers or floats");
    auto offset = entry.getAs<IntegerAttr>("offset");
    if (!offset || offset.getInt() < 0 || offset.getInt() % kAlignment || static_cast<uint64_t>(offset.getInt()) < end)
      return fail("offset must be a multiple of 64 behind the weight before it");
    weight.offset = offset.getInt();
    FailureOr<Panels> panels = readLayout(entry.getAs<DictionaryAttr>("layout"), type);
    if (failed(panels))
      return fail("layout must be {} or, for two dimensions and more, {kind = \"panels\", width = 1 to 1024}, with a "
                  "shape of as many elements where it is read in another one");
    weight.panels = *panels;
    if (panels->pairs && (!type.getElementType().isF32() || matricesOf(weight).k % 2))
      return fail("panels of pairs are made of f32 and an even number of rows");
    if (panels->quads && (panels->pairs || elementBytes(type.getElementType()) != 1))
      return fail("panels of quads are made of bytes");
    end = weight.offset + weight.storedBytes();
    weights.push_back(weight);
  }
  return weights;
}

StreamResult streamWeights(ArrayRef<Weight> weights, ByteSink sink, std::string &error) {
  const std::vector<char> zeros(kAlignment);
  uint64_t position = 0;
  for (const Weight &weight : weights) {
    while (position < weight.offset) {
      uint64_t gap = std::min<uint64_t>(zeros.size(), weight.offset - position);
      if (!sink(ArrayRef(zeros).take_front(gap)))
        return StreamResult::SinkFailed;
      position += gap;
    }
    auto external = dyn_cast<ExternalAttr>(weight.data);
    if (external && !stillHolds(external, givenBytes(weight), error))
      return StreamResult::SourceFailed;
    SmallVector<char> storage;
    ArrayRef<char> bytes = getConstantBytes(weight.data, storage);
    if (bytes.size() != givenBytes(weight)) {
      error = "a constant of " + std::to_string(givenBytes(weight)) + " bytes has " + std::to_string(bytes.size());
      return StreamResult::SourceFailed;
    }
    if (!(weight.panels.width ? streamPanels(weight, bytes, sink) : sink(bytes)))
      return StreamResult::SinkFailed;
    position += weight.storedBytes();
  }
  return StreamResult::Done;
}
} // namespace pare
