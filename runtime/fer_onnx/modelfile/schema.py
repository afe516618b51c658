"""The fields of onnx.proto that a model file may have; any other is refused.

https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Types of inputs and outputs are tensors
alone: no sequences, optionals, maps or sparse tensors.
"""

from .protobuf import Field, Schema

TENSOR: Schema = {
    1: Field("dims", "int", repeated=True),
    2: Field("data_type", "int"),
    4: Field("float_data", "bytes"),
    5: Field("int32_data", "bytes"),
    7: Field("int64_data", "bytes"),
    8: Field("name", "text"),
    9: Field("raw_data", "bytes"),
    13: Field("external_data", "refused"),  # weights in another file
    14: Field("data_location", "int"),
}
ATTRIBUTE: Schema = {
    1: Field("name", "text"),
    2: Field("f", "float"),
    3: Field("i", "int"),
    4: Field("s", "bytes"),
    5: Field("t", TENSOR),
    6: Field("g", "refused"),  # a graph within a node, as Loop, If and Scan have
    7: Field("floats", "float", repeated=True),
    8: Field("ints", "int", repeated=True),
    9: Field("strings", "refused"),
    10: Field("tensors", "refused"),
    11: Field("graphs", "refused"),
    20: Field("type", "int"),
    21: Field("ref_attr_name", "refused"),  # an attribute of the function around it
    22: Field("sparse_tensor", "refused"),
}
NODE: Schema = {
    1: Field("input", "text", repeated=True),
    2: Field("output", "text", repeated=True),
    3: Field("name", "text"),
    4: Field("op_type", "text"),
    5: Field("attribute", "bytes", repeated=True),  # read once the operator is known
    7: Field("domain", "text"),
}
DIM: Schema = {1: Field("dim_value", "int"), 2: Field("dim_param", "text")}
SHAPE: Schema = {1: Field("dim", DIM, repeated=True)}
ARRAY: Schema = {1: Field("elem_type", "int"), 2: Field("shape", SHAPE)}
VALUE: Schema = {1: Field("name", "text"), 2: Field("type", {1: Field("tensor_type", ARRAY)})}
GRAPH: Schema = {
    1: Field("node", NODE, repeated=True),
    2: Field("name", "text"),
    5: Field("initializer", TENSOR, repeated=True),
    10: Field("doc_string", "text"),
    11: Field("input", VALUE, repeated=True),
    12: Field("output", VALUE, repeated=True),
    13: Field("value_info", "refused"),  # sizes of tensors, which are computed anew
    15: Field("sparse_initializer", "refused"),
}
MODEL: Schema = {
    1: Field("ir_version", "int"),
    2: Field("producer_name", "text"),
    3: Field("producer_version", "text"),
    4: Field("domain", "text"),
    5: Field("model_version", "int"),
    6: Field("doc_string", "text"),
    7: Field("graph", GRAPH),
    8: Field("opset_import", {1: Field("domain", "text"), 2: Field("version", "int")}, True),
    20: Field("training_info", "refused"),
    25: Field("functions", "refused"),  # operators that the file makes of others
    14: Field("metadata_props", {1: Field("key", "text"), 2: Field("value", "bytes")}, True),
}
