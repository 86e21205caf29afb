"""The pose bundle: Google's two pose networks in the one file that MediaPipe's pose landmarker opens.

A ``.task`` file is a stored (uncompressed) zip of ``pose_detector.tflite`` and ``pose_landmarks_detector.tflite``.
MediaPipe refuses a network whose metadata does not say how pictures are normalised. The detector of the Python wheel
says so already; that of the npm package and the landmark networks do not, and get that one statement here. Nothing
else of either file is changed, and the same two files give the same bundle, byte for byte, on every machine.
"""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

# Field numbers of the TensorFlow Lite schema (tensorflow/lite/schema/schema.fbs), in the order of declaration.
_MODEL_FIELDS = 8
_MODEL_VERSION, _MODEL_OPERATORS, _MODEL_SUBGRAPHS, _MODEL_DESCRIPTION, _MODEL_BUFFERS = range(5)
_MODEL_METADATA, _MODEL_SIGNATURES = 6, 7
_VECTORS = (_MODEL_OPERATORS, _MODEL_SUBGRAPHS, _MODEL_SIGNATURES)
# The same of MediaPipe's metadata schema (mediapipe/tasks/metadata/metadata_schema.fbs).
_UNION_NORMALIZATION_OPTIONS = 1
_UNION_IMAGE_PROPERTIES = 2
_COLOUR_RGB = 1

_METADATA_NAME = b"TFLITE_METADATA"
_ALIGNMENT = 16  # schema.fbs: `Buffer.data` is `force_align: 16`
_LOCAL_HEADER_BYTES = 30  # a zip member's header in front of its name (APPNOTE.TXT, 4.3.7)


def pose_bundle(detector: bytes, landmarks: bytes) -> bytes:
    """Join a pose detector and a landmark network into a pose landmarker bundle.

    Parameters
    ----------
    detector
        ``pose_detection.tflite``; its pictures run from -1 to 1 (mean and deviation 127.5), said by itself or not.
    landmarks
        ``pose_landmark_*.tflite``, which carries none; its pictures run from 0 to 1 (mean 0, deviation 255).

    Returns
    -------
    bytes
        The ``.task`` file.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        if _METADATA_NAME not in detector:
            detector = with_normalisation(detector, mean=127.5, deviation=127.5)
        archive.writestr(_member("pose_detector.tflite", out.tell()), detector)
        completed = with_normalisation(landmarks, mean=0.0, deviation=255.0)
        archive.writestr(_member("pose_landmarks_detector.tflite", out.tell()), completed)
    return out.getvalue()


def with_normalisation(model: bytes, *, mean: float, deviation: float) -> bytes:
    """Put "pixels become ``(pixel - mean) / deviation``" in front of a TensorFlow Lite model.

    A FlatBuffer is written from its end to its beginning and points only forward, so the untouched model becomes
    the tail of a longer buffer: the new root refers to the old operators and graphs, and to the old weights
    followed by one new buffer, the metadata.

    Parameters
    ----------
    model
        A ``.tflite`` file without normalisation metadata.
    mean, deviation
        The normalisation, in pixel values (0 to 255).

    Returns
    -------
    bytes
        The model with the metadata; the given bytes are its end (filled up to a multiple of 16).
    """
    import flatbuffers
    from flatbuffers import number_types
    from flatbuffers.table import Table

    root = Table(model, int.from_bytes(model[:4], "little"))
    builder = flatbuffers.Builder(len(model) + 64 * 1024)
    builder.Prep(_ALIGNMENT, len(model))
    _copy(builder, model)
    tail = builder.Offset()

    def kept(field: int) -> int:
        """Where a table or vector of the old root lies, counted from the end of the new buffer; 0 for none."""
        at = root.Offset(4 + 2 * field)
        return tail - root.Indirect(root.Pos + at) if at else 0

    def kept_tables(field: int) -> list[int]:
        """The same for the members of a vector of tables."""
        at = root.Offset(4 + 2 * field)
        if not at:
            return []
        start, count = root.Vector(at), root.VectorLen(at)
        return [tail - root.Indirect(start + 4 * i) for i in range(count)]

    weights, entries = kept_tables(_MODEL_BUFFERS), kept_tables(_MODEL_METADATA)
    metadata = _aligned_bytes(builder, _metadata(mean, deviation))
    buffer = _table(builder, 1, {0: metadata})
    name = builder.CreateString(_METADATA_NAME)
    builder.StartObject(2)
    builder.PrependUOffsetTRelativeSlot(0, name, 0)
    builder.PrependUint32Slot(1, len(weights), 0)
    entry = builder.EndObject()

    fields = {field: kept(field) for field in (*_VECTORS, _MODEL_DESCRIPTION)}
    fields[_MODEL_BUFFERS] = _vector(builder, [*weights, buffer])
    fields[_MODEL_METADATA] = _vector(builder, [*entries, entry])
    builder.StartObject(_MODEL_FIELDS)
    for field, offset in sorted(fields.items()):
        builder.PrependUOffsetTRelativeSlot(field, offset, 0)
    version_at = root.Offset(4 + 2 * _MODEL_VERSION)
    builder.PrependUint32Slot(_MODEL_VERSION, root.Get(number_types.Uint32Flags, root.Pos + version_at), 0)
    builder.Finish(builder.EndObject(), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _metadata(mean: float, deviation: float) -> bytes:
    """One input tensor, an RGB image, with its normalisation (MediaPipe's ``ModelMetadata``)."""
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    normalisation = _table(builder, 2, {0: _floats(builder, mean), 1: _floats(builder, deviation)})
    unit = _union(builder, _UNION_NORMALIZATION_OPTIONS, normalisation)
    builder.StartObject(2)
    builder.PrependInt8Slot(0, _COLOUR_RGB, 0)
    image = builder.EndObject()
    content = _union(builder, _UNION_IMAGE_PROPERTIES, image)
    # TensorMetadata: name 0, content 3, process_units 4.
    tensor = _table(builder, 7, {0: builder.CreateString("image"), 3: content, 4: _vector(builder, [unit])})
    # SubGraphMetadata: input_tensor_metadata 2.
    graph = _table(builder, 10, {2: _vector(builder, [tensor])})
    # ModelMetadata: subgraph_metadata 3, min_parser_version 7.
    root = _table(builder, 8, {3: _vector(builder, [graph]), 7: builder.CreateString("1.0.0")})
    builder.Finish(root, file_identifier=b"M001")
    return bytes(builder.Output())


def _table(builder: Any, field_count: int, offsets: dict[int, int]) -> int:
    """Write a table whose fields all point elsewhere."""
    builder.StartObject(field_count)
    for field, offset in offsets.items():
        builder.PrependUOffsetTRelativeSlot(field, offset, 0)
    return int(builder.EndObject())


def _union(builder: Any, kind: int, member: int) -> int:
    """Write a table that holds nothing but a union."""
    builder.StartObject(2)
    builder.PrependUint8Slot(0, kind, 0)
    builder.PrependUOffsetTRelativeSlot(1, member, 0)
    return int(builder.EndObject())


def _vector(builder: Any, offsets: list[int]) -> int:
    """Write a vector of offsets."""
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())


def _floats(builder: Any, value: float) -> int:
    """Write a vector of one float."""
    builder.StartVector(4, 1, 4)
    builder.PrependFloat32(value)
    return int(builder.EndVector())


def _aligned_bytes(builder: Any, content: bytes) -> int:
    """Write a vector of bytes that starts on the boundary which the schema asks of weights."""
    builder.StartVector(1, len(content), _ALIGNMENT)
    _copy(builder, content)
    return int(builder.EndVector())


def _copy(builder: Any, content: bytes) -> None:
    """Write bytes as they are, at once (the builder's own way is one call per byte)."""
    builder.head -= len(content)
    builder.Bytes[builder.head : builder.head + len(content)] = content


def _member(name: str, offset: int) -> zipfile.ZipInfo:
    """Header of a stored member, to be written at ``offset``; nothing in it depends on the machine or the day."""
    member = zipfile.ZipInfo(name)  # dated 1980-01-01
    member.create_system = 3  # Unix, also on Windows
    member.external_attr = 0o644 << 16
    # A reader may use the networks where they lie in the file, so the boundary of the schema counts here too.
    # 0xD935 is the extra field that Android's zipalign pads with: four bytes of its own, then zeros.
    padding = -(offset + _LOCAL_HEADER_BYTES + len(name) + 4) % _ALIGNMENT
    member.extra = struct.pack("<HH", 0xD935, padding) + bytes(padding)
    return member
