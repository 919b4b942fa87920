"""Starts LLMock with the batches of Gemini in the words of Google's reference.

LLMock 0.2.2 has other names for the questions, the list and the answers: `create_batch` and `list_batches` in its routers/gemini.py,
`_finish_gemini` in its routers/batch.py. Only names are put in place of names here; what it does with a batch, how it fails, and what
it judges by are its own.
"""

import runpy

from fastapi import APIRouter
from llmock.routers import registry

router = APIRouter(prefix="/gemini/v1beta")
registry.register(router)  # Before LLMock's own routes, so that these are found first.

from llmock.routers import gemini  # noqa: E402


def operation(batch):
    """A batch as Google tells of it."""
    told = {"name": batch["name"], "metadata": batch["metadata"]}
    if batch["metadata"]["state"] == "JOB_STATE_SUCCEEDED":
        answers = batch["dest"]["inlinedResponses"]
        answers = [{"metadata": {"key": one["custom_id"]}, "response": one["response"]} for one in answers]
        told |= {"done": True, "response": {"inlinedResponses": {"inlinedResponses": answers}}}
    return told


@router.post("/models/{model}:batchGenerateContent")
def create(model: str, body: dict):
    asked = body["batch"]
    questions = asked["inputConfig"]["requests"]["requests"]
    questions = [{"custom_id": one["metadata"]["key"], "request": one["request"]} for one in questions]
    batch = gemini.create_batch(model, {"requests": questions})
    batch["metadata"]["displayName"] = asked["displayName"]
    return operation(batch)


@router.get("/batches")
def batches():
    return {"operations": [operation(batch) for batch in gemini.list_batches(limit=100)["batches"]]}


@router.get("/batches/{name}")
def one_batch(name: str):
    return operation(gemini.get_batch(name))


runpy.run_module("llmock.cli", run_name="__main__")
