// Sizes and elements of inputs, as the user says or by default.
#ifndef PARE_LIB_COMPILER_EXPLAIN_INPUTS_H
#define PARE_LIB_COMPILER_EXPLAIN_INPUTS_H

#include "Concrete.h"
#include "pare/Compiler/Explain.h"

namespace pare::explain {

/// Inputs of `function`, whose attention is raised: what it masks its keys by says which input holds the lengths.
/// Fills in what the report says about them. What is wrong with the options; "" when they fit.
std::string chooseInputs(mlir::func::FuncOp function, const Options &options, std::vector<ConcreteInput> &inputs,
                         Report &report);

/// Lengths of `count` sequences: as even as a uniform distribution is on average, in random order. The same seed gives
/// the same lengths everywhere.
std::vector<int64_t> drawLengths(size_t count, int64_t maxLength, double mean, uint64_t seed);

} // namespace pare::explain

#endif
