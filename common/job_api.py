"""Long work over REST: a client that started a job asks how far it is."""

from __future__ import annotations

from rest_framework import exceptions, mixins, serializers, viewsets

from common.api import Resource
from common.models import Job


class JobSerializer(serializers.ModelSerializer):
    """A job: ``done`` of ``total`` steps, and once it is done its ``result``."""

    class Meta:
        model = Job
        fields = (
            "id",
            "kind",
            "title",
            "state",
            "done",
            "total",
            "note",
            "created_at",
            "started_at",
            "finished_at",
            "result",
            "url",
        )


class Jobs(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource):
    """The caller's own long work, the latest first."""

    queryset = Job.objects.all()
    serializer_class = JobSerializer

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Job.objects.none()
        narrowed = self.access.narrowed
        if narrowed and not narrowed("job", write=False):
            raise exceptions.PermissionDenied
        return Job.objects.of(self.request.user)


ROUTES: list[tuple[str, type[viewsets.GenericViewSet]]] = [("jobs", Jobs)]
