// The whole journey from a file to a model's answers, through the client that the generator go writes.
package main

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	anneal "dev.anneal/client"
)

func main() {
	url, keyFile, csv := os.Args[1], os.Args[2], os.Args[3]
	key := strings.TrimSpace(string(must(os.ReadFile(keyFile))))
	configuration := anneal.NewConfiguration()
	configuration.Servers = anneal.ServerConfigurations{{URL: url}}
	client := anneal.NewAPIClient(configuration)
	ctx := context.WithValue(context.Background(), anneal.ContextAccessToken, key)

	file := must(os.Open(csv))
	dataset := answer(client.DatasetsAPI.CreateDataset(ctx).File([]*os.File{file}).Split(`{"validation": 0.2, "test": 0.2}`).Execute())
	check(dataset.Status == "ready" && dataset.Splits.Test > 0, dataset)

	unknown := anneal.NewJobRequest("no-such-model", dataset.Id)
	_, _, err := client.JobsAPI.CreateJob(ctx).JobRequest(*unknown).Execute()
	refused, isProblem := err.(*anneal.GenericOpenAPIError)
	check(isProblem, err)
	problem, isProblem := refused.Model().(anneal.Problem)
	check(isProblem && problem.Code == "unknown_base_model", refused.Model())

	hyperparameters := anneal.NewHyperparameterChoices()
	epochs, batch, length, auto := int32(1), int32(16), int32(32), "auto"
	hyperparameters.Epochs = &anneal.IntegerOrAuto{Int32: &epochs}
	hyperparameters.BatchSize = &anneal.IntegerOrAuto{Int32: &batch}
	hyperparameters.MaxLength = &anneal.IntegerOrAuto{Int32: &length}
	hyperparameters.LearningRate = &anneal.NumberOrAuto{String: &auto}
	request := anneal.NewJobRequest("all-MiniLM-L6-v2", dataset.Id)
	request.Hyperparameters = hyperparameters
	job := answer(client.JobsAPI.CreateJob(ctx).JobRequest(*request).Execute())

	after := int64(0)
	for job.FinishedAt.Get() == nil {
		page := answer(client.JobsAPI.ListJobEvents(ctx, job.Id).After(after).Execute())
		for _, event := range page.Data {
			after = event.Id
		}
		time.Sleep(300 * time.Millisecond)
		job = answer(client.JobsAPI.GetJob(ctx, job.Id).Execute())
	}
	check(job.Status == anneal.SUCCEEDED && after > 0, job)

	report := answer(client.JobsAPI.GetJobReport(ctx, job.Id).Execute())
	check(report.Split == anneal.TEST_SPLIT && int64(report.Examples) == dataset.Splits.Test, report)

	model := *job.Model.Get()
	first, second := "I loved it.", "I hated it."
	inputs := []anneal.PredictionInput{{String: &first}, {TextInput: &anneal.TextInput{Text: &second}}}
	predicted := answer(client.InferenceAPI.Predict(ctx, model).PredictionRequest(*anneal.NewPredictionRequest(inputs)).Execute())
	check(len(predicted.Predictions) == 2 && predicted.Predictions[0].GetLabel() != "", predicted)

	download := answer(client.ModelsAPI.DownloadModel(ctx, model).Execute())
	size := must(download.Seek(0, io.SeekEnd))
	archive := must(zip.NewReader(download, size))
	names := ""
	for _, entry := range archive.File {
		names += entry.Name + " "
	}
	check(strings.Contains(names, "model.safetensors"), names)

	must(client.ModelsAPI.DeleteModel(ctx, model).Execute())
	must(client.DatasetsAPI.DeleteDataset(ctx, dataset.Id).Execute())
	fmt.Printf("go: %s, accuracy %v, zip of %d bytes\n", job.Id, report.GetAccuracy(), size)
}

func answer[T any, R any](value T, _ R, err error) T {
	return must(value, err)
}

func must[T any](value T, err error) T {
	if refused, isProblem := err.(*anneal.GenericOpenAPIError); isProblem {
		log.Fatalf("%v: %s", err, refused.Body())
	} else if err != nil {
		log.Fatal(err)
	}
	return value
}

func check(right bool, what any) {
	if !right {
		log.Fatalf("%+v", what)
	}
}
