"""Reports over REST: everybody's pay slips, as a job of the caller's."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from common.api import Resource, ServiceSerializer
from common.job_api import JobSerializer
from common.models import Job
from reports import slips


class SlipsInput(ServiceSerializer):
    run = serializers.IntegerField(min_value=1, help_text="An approved run that stands.")


class PaySlips(Resource):
    """POST a run to have its slips made; the job's ``url`` leads to the archive once it is done."""

    noun = "allocation"
    rights = {"create": "export"}
    queryset = Job.objects.none()
    serializer_class = JobSerializer

    @extend_schema(request=SlipsInput, responses={202: JobSerializer})
    def create(self, request):
        told = SlipsInput(data=request.data)
        told.is_valid(raise_exception=True)
        run = slips.run_of(self.access, told.validated_data["run"])
        return Response(JobSerializer(slips.start(run, by=self.actor)).data, status=status.HTTP_202_ACCEPTED)


ROUTES = [("pay-slips", PaySlips)]
