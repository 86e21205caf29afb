"""The pose bundle against MediaPipe's own reading of it, Google's checksums and a photograph of known answers."""

from __future__ import annotations

import hashlib
import io
import zipfile

import numpy as np
import pytest

from liyi.modelfiles.bundle import pose_bundle, with_normalisation
from liyi.modelfiles.registry import path

# Google's pose_landmark_full.tflite, the same bytes in its PyPI wheel and in its npm package.
LANDMARK_SHA256 = "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f"
LANDMARK_BYTES = 6_440_512
DETECTOR_SHA256 = "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c"


@pytest.fixture(scope="module")
def schema():
    """MediaPipe's own classes for the two formats: they know nothing of how we write them."""
    from mediapipe.tasks.metadata import schema_py_generated

    return schema_py_generated


def unpacked(schema, content: bytes):
    return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))


def normalisation(schema, content: bytes) -> tuple[float, float]:
    """Mean and deviation that a network's metadata declares for its first input."""
    from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata_schema

    network = unpacked(schema, content)
    (buffer,) = [entry.buffer for entry in network.metadata if entry.name == b"TFLITE_METADATA"]
    raw = bytes(bytearray(network.buffers[buffer].data))
    assert metadata_schema.ModelMetadata.ModelMetadataBufferHasIdentifier(raw, 0)
    model = metadata_schema.ModelMetadata.GetRootAsModelMetadata(raw, 0)
    tensor = metadata_schema.ModelMetadataT.InitFromObj(model).subgraphMetadata[0].inputTensorMetadata[0]
    assert tensor.content.contentProperties.colorSpace == metadata_schema.ColorSpaceType.RGB
    (unit,) = tensor.processUnits
    return unit.options.mean[0], unit.options.std[0]


@pytest.fixture
def network(schema):
    """A small network with a weight, an operator and one metadata entry of its own."""
    import flatbuffers

    model = schema.ModelT()
    model.version, model.description = 3, "a network"
    code = schema.OperatorCodeT()
    code.builtinCode = schema.BuiltinOperator.ADD
    model.operatorCodes = [code]
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.buffer = "weights", [5], 1
    graph = schema.SubGraphT()
    graph.tensors, graph.inputs, graph.outputs, graph.operators = [tensor], [0], [0], []
    model.subgraphs = [graph]
    weights, version = schema.BufferT(), schema.BufferT()
    weights.data, version.data = [1, 2, 3, 4, 5], list(b"2.2.0")
    model.buffers = [schema.BufferT(), weights, version]
    entry = schema.MetadataT()
    entry.name, entry.buffer = "min_runtime_version", 2
    model.metadata = [entry]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_normalisation_is_added_and_nothing_else_changes(schema, network):
    before, after = unpacked(schema, network), unpacked(schema, with_normalisation(network, mean=7.0, deviation=11.0))
    assert normalisation(schema, with_normalisation(network, mean=7.0, deviation=11.0)) == (7.0, 11.0)
    assert (after.version, after.description) == (before.version, before.description)
    assert [code.builtinCode for code in after.operatorCodes] == [code.builtinCode for code in before.operatorCodes]
    assert [tensor.name for tensor in after.subgraphs[0].tensors] == [b"weights"]
    assert list(after.buffers[1].data) == [1, 2, 3, 4, 5]
    assert len(after.buffers) == len(before.buffers) + 1
    assert [entry.name for entry in after.metadata] == [b"min_runtime_version", b"TFLITE_METADATA"]
    assert bytes(bytearray(after.buffers[after.metadata[0].buffer].data)) == b"2.2.0"


@pytest.mark.parametrize("odd_bytes", range(0, 16, 5))
def test_the_given_bytes_stay_whole_and_on_their_boundary(network, odd_bytes):
    given = network + bytes(odd_bytes)
    made = with_normalisation(given, mean=0.0, deviation=255.0)
    assert made[4:8] == b"TFL3"
    at = made.index(given)
    assert at % 16 == 0
    assert len(made) - at - len(given) < 16


def test_members_are_stored_on_their_boundary_without_a_date(network):
    made = pose_bundle(network, network)
    assert made == pose_bundle(network, network)
    with zipfile.ZipFile(io.BytesIO(made)) as bundle:
        assert bundle.testzip() is None
        assert [member.filename for member in bundle.infolist()] == [
            "pose_detector.tflite",
            "pose_landmarks_detector.tflite",
        ]
        for member in bundle.infolist():
            assert member.compress_type == zipfile.ZIP_STORED
            assert member.date_time == (1980, 1, 1, 0, 0, 0)
            assert made.index(bundle.read(member)) % 16 == 0


def test_a_detector_that_says_how_pictures_are_normalised_is_left_as_it_is(schema, network):
    telling = with_normalisation(network, mean=127.5, deviation=127.5)
    for detector in (network, telling):
        with zipfile.ZipFile(io.BytesIO(pose_bundle(detector, network))) as bundle:
            assert bundle.read("pose_detector.tflite") == telling
            assert normalisation(schema, bundle.read("pose_landmarks_detector.tflite")) == (0.0, 255.0)


@pytest.mark.models
def test_the_bundle_holds_googles_networks(models_ready, schema):
    with zipfile.ZipFile(path("pose_landmarker_full")) as bundle:
        detector, landmarks = (bundle.read(name) for name in bundle.namelist())
    assert hashlib.sha256(detector).hexdigest() == DETECTOR_SHA256
    assert hashlib.sha256(landmarks[-LANDMARK_BYTES:]).hexdigest() == LANDMARK_SHA256
    assert normalisation(schema, detector) == (127.5, 127.5)
    assert normalisation(schema, landmarks) == (0.0, 255.0)


@pytest.mark.models
def test_landmarks_of_a_known_photograph(models_ready, shared):
    import cv2

    from liyi.media.recording import Frame
    from posture.pose import track_pose

    picture = cv2.imread(str(shared / "media" / "images" / "pkg_astronaut.png"))
    track = track_pose([Frame(0.0, np.ascontiguousarray(picture[..., ::-1]))])
    nose, left_ear, right_ear, left_shoulder, right_shoulder = track.points[0, [0, 7, 8, 11, 12]]
    known = [(223, 128), (268, 123), (190, 107), (306, 256), (112, 240)]
    found = np.array([nose, left_ear, right_ear, left_shoulder, right_shoulder])
    assert np.abs(found - known).max() <= 3
